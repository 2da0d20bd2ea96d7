-- Stores an event, and publishes it together with its id.
-- A script, because the message contains the id that XADD returns: the commands of a transaction
-- cannot use each other's replies. As one step it also keeps messages in the order of their ids.
-- KEYS: the stream. ARGV: the event, how many to keep, seconds to keep them, the channel.
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'e', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('PUBLISH', ARGV[4], 'id: ' .. id .. '\n' .. ARGV[1])
return id

"""What Redis does in one step. `KEYS[1]` is how all keys of the queue start.

A task is a hash. While it waits or runs there is exactly one entry for it: in the stream of its
queue, read by one group of consumers, or among those that wait for a moment (`later`). An entry is
deleted with the end of a start, so that the length of a stream is what is still to be done.
"""

from app.redis.client import Script

_COMMON = """
local base = KEYS[1]
local later, graves, bell = base .. ':later', base .. ':dead', base .. ':bell'

local function record(id) return base .. ':task:' .. id end
local function stream(queue) return base .. ':stream:' .. queue end

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function send(id, queue)
  redis.call('XADD', stream(queue), '*', 'task', id)
  redis.call('LPUSH', bell, 1)
  redis.call('LTRIM', bell, 0, 99)
end

local function forget(queue, entry)
  redis.call('XACK', stream(queue), 'workers', entry)
  redis.call('XDEL', stream(queue), entry)
end

local function bury(id, queue, entry, error, seconds)
  forget(queue, entry)
  redis.call('HSET', record(id), 'status', 'dead', 'error', error, 'finished_at', now())
  redis.call('EXPIRE', record(id), seconds)
  redis.call('ZADD', graves, redis.call('INCR', graves .. ':number'), id)
end

local function is_ours(id, number)
  local known = redis.call('HMGET', record(id), 'status', 'number', 'queue', 'entry')
  return known[1] == 'running' and known[2] == number, known[3], known[4]
end
"""

# id, queue, longest, name, args, owner, when
ADD = Script(
    _COMMON
    + """
local id, queue = ARGV[1], ARGV[2]
if redis.call('EXISTS', record(id)) == 1 then
  return redis.call('HGETALL', record(id))
end
if redis.call('XLEN', stream(queue)) >= tonumber(ARGV[3]) then
  return 'full'
end
redis.call('HSET', record(id), 'status', 'queued', 'queue', queue,
  'name', ARGV[4], 'args', ARGV[5], 'owner_id', ARGV[6], 'created_at', ARGV[7])
send(id, queue)
return {}
"""
)

# id
GET = Script(_COMMON + "return redis.call('HGETALL', record(ARGV[1]))")

# consumer, limit, milliseconds of a lease, crashes, seconds that the dead are kept, queues...
TAKE = Script(
    _COMMON
    + """
local consumer, limit, lease = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local taken = {}

for _, id in ipairs(redis.call('ZRANGEBYSCORE', later, '-inf', now(), 'LIMIT', 0, 100)) do
  redis.call('ZREM', later, id)
  local queue = redis.call('HGET', record(id), 'queue')
  if queue then send(id, queue) end
end

local function start(queue, entry, id)
  local status = redis.call('HGET', record(id), 'status')
  if status == 'running' then
    if redis.call('HINCRBY', record(id), 'crashes', 1) >= tonumber(ARGV[4]) then
      bury(id, queue, entry, 'Its workers ended while they ran it.', ARGV[5])
      return
    end
  elseif status ~= 'queued' then
    forget(queue, entry)
    return
  end
  redis.call('HINCRBY', record(id), 'attempts', 1)
  redis.call('HINCRBY', record(id), 'number', 1)
  redis.call('HSET', record(id), 'status', 'running', 'entry', entry)
  taken[#taken + 1] = {id, redis.call('HGETALL', record(id))}
end

for i = 6, #ARGV do
  local queue = ARGV[i]
  if #taken < limit then
    local lapsed = redis.pcall('XAUTOCLAIM', stream(queue), 'workers', consumer, lease, '0',
      'COUNT', limit - #taken)
    if lapsed.err then -- nobody has read from it yet; a group that starts at 0 misses nothing
      redis.call('XGROUP', 'CREATE', stream(queue), 'workers', '0', 'MKSTREAM')
    else
      for _, each in ipairs(lapsed[2]) do start(queue, each[1], each[2][2]) end
    end
  end
  while #taken < limit do
    local found = redis.call('XREADGROUP', 'GROUP', 'workers', consumer,
      'COUNT', limit - #taken, 'STREAMS', stream(queue), '>')
    if not found or not found[1] then break end
    -- A list with one pair of name and entries; of some imitations the pair alone.
    for _, each in ipairs(found[1][2] or found[2]) do start(queue, each[1], each[2][2]) end
  end
end
return taken
"""
)

# consumer, and id and number of each
EXTEND = Script(
    _COMMON
    + """
local lost = {}
for i = 2, #ARGV, 2 do
  local ours, queue, entry = is_ours(ARGV[i], ARGV[i + 1])
  if ours then
    redis.call('XCLAIM', stream(queue), 'workers', ARGV[1], 0, entry, 'JUSTID')
  else
    lost[#lost + 1] = ARGV[i]
  end
end
return lost
"""
)

# id, number, progress
REPORT = Script(
    _COMMON
    + """
if is_ours(ARGV[1], ARGV[2]) then
  redis.call('HSET', record(ARGV[1]), 'progress', ARGV[3])
end
return 1
"""
)

# id, number, what, status, result, error, milliseconds until the next start, seconds to keep it
END = Script(
    _COMMON
    + """
local id, what = ARGV[1], ARGV[3]
local ours, queue, entry = is_ours(id, ARGV[2])
if not ours then return 0 end
if what == 'bury' then
  bury(id, queue, entry, ARGV[6], ARGV[8])
  return 1
end
forget(queue, entry)
redis.call('HSET', record(id), 'status', ARGV[4], 'result', ARGV[5], 'error', ARGV[6])
if what == 'finish' then
  redis.call('HSET', record(id), 'finished_at', now())
  if ARGV[4] == 'succeeded' then redis.call('HSET', record(id), 'progress', 1) end
  redis.call('EXPIRE', record(id), ARGV[8])
elseif what == 'retry' then
  redis.call('HINCRBY', record(id), 'failures', 1)
  redis.call('ZADD', later, now() + ARGV[7], id)
else
  redis.call('HINCRBY', record(id), 'attempts', -1)
  send(id, queue)
end
return 1
"""
)

# id after which, how many
DEAD = Script(
    _COMMON
    + """
local found, after = {}, ARGV[1]
while #found < tonumber(ARGV[2]) do
  local next = redis.call('ZRANGEBYSCORE', graves, '(' .. after, '+inf', 'WITHSCORES',
    'LIMIT', 0, 1)
  if not next[1] then break end
  after = next[2]
  if redis.call('EXISTS', record(next[1])) == 1 then
    found[#found + 1] = {after, next[1], redis.call('HGETALL', record(next[1]))}
  else
    redis.call('ZREM', graves, next[1])
  end
end
return found
"""
)

# id
REPLAY = Script(
    _COMMON
    + """
local id = ARGV[1]
local queue = redis.call('HGET', record(id), 'queue')
if redis.call('ZREM', graves, id) == 0 or not queue then return 0 end
redis.call('HSET', record(id), 'status', 'queued', 'progress', 0, 'failures', 0, 'crashes', 0)
redis.call('HDEL', record(id), 'error', 'finished_at')
redis.call('PERSIST', record(id))
send(id, queue)
return 1
"""
)

"""Passwords that everybody tries first, in small letters; shorter ones are refused anyway."""

_LIST = """
0123456789 100200300 10203040 1020304050 11223344 1122334455 112233445566 12121212 123123123
12341234 12344321 123454321 12345678 123456789 1234567890 1234567891 123456789a 12345678a
1234567a 1234qwer 1234qwerasdf 123654789 123qwe123 123qweasd 12qwaszx 13131313 147258369
147852369 159753456 19841984 1a2b3c4d 1password 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx
20202020 456789123 69696969 741852963 789456123 87654321 987654321 9876543210 a1234567
a12345678 a123456789 a1b2c3d4 a1b2c3d4e5 aa123456 aa12345678 ab123456 abc12345 abc123456
abc123abc abcabcabc abcd1234 abcdefgh access123 access14 admin123 admin1234 admin12345
admin123456 adminadmin administrator android1 arsenal1 asdasdasd asdf1234 asdfasdf asdfghjk
asdfghjkl autumn2024 autumn2025 azerty123 azertyui azertyuiop barcelona baseball baseball1
basketball batman123 blink182 butterfly changeit changeme changeme1 changeme123 charlie1
charlie123 cheese123 chelsea1 chocolate cocacola computer computer1 cookie123
correcthorsebatterystaple corvette danielle december default1 default123 dragon123
dragonball dropbox1 einstein elephant eminem123 facebook facebook1 ferrari1 flower123
football football1 fortnite friday13 garfield goodluck google123 guest123 harley123 hello123
hello1234 hellohello iloveu123 iloveyou iloveyou! iloveyou1 iloveyou2 instagram internet
internet1 iphone123 january1 jennifer jordan23 juventus killer123 letmein1 letmein123
letmeinnow linkedin liverpool login123 login1234 loginlogin lovelove lovely123 loveme123
loveyou1 manchester maryjane master123 mercedes metallica michael1 michelle microsoft
minecraft monday123 monkey123 mustang1 mypassword newpassword nirvana1 november openopen
p@ssw0rd p@ssw0rd1 p@ssword p@ssword1 passw0rd password password! password01 password1
password1! password11 password12 password123 password1234 password2 password3 password99
passwort passwort1 pokemon1 pokemon123 princess princess1 q1w2e3r4 q1w2e3r4t5 qaz12345
qazwsxedc qwe12345 qweasdzxc qweqweqwe qwer1234 qwerasdf qwerty1! qwerty12 qwerty123
qwerty1234 qwerty12345 qwerty123456 qwertyui qwertyuiop qwertz123 root1234 rootroot samsung1
samsung123 scooby123 secret12 secret123 september shadow123 slipknot snoopy123 spiderman
spring2024 spring2025 spring2026 starwars starwars1 summer2023 summer2024 summer2025
summer2026 sunshine sunshine1 superman superman1 supersecret superstar test1234 test12345
testing1 testing123 testtest tinkerbell toor1234 topsecret trustno1 twitter1 user1234
victoria welcome1 welcome1! welcome12 welcome123 welcome2 whatever whatever1 whatsapp
windows1 winter2023 winter2024 winter2025 winter2026 yamaha123 zaq12wsx zxcvbnm1 zxcvbnm123
zxczxczx
"""
COMMON_PASSWORDS = frozenset(_LIST.split())

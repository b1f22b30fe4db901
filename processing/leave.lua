#!lua flags=allow-oom
--[[
Gives a consumer's name up, if it holds nothing; what it holds would be dropped with its name.

KEYS  1 stream  2 this consumer's heartbeat key
ARGV  1 group  2 this consumer
Reply 1 when the name is given up, 0 when entries are still pending
]]
redis.call('DEL', KEYS[2])
for _, info in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  if info[2] == ARGV[2] and info[4] > 0 then return 0 end
end
redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
return 1

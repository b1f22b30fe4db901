#!lua flags=allow-oom
--[[
Acknowledges entries that cannot be processed and keeps them in the dead-letter stream, as one step.

KEYS  1 stream  2 dead letters  3 stats
ARGV  1 group  then for each entry: id, deliveries, reason, number of field names and values, these
Reply how many became dead letters; the others had been acknowledged before
Error WRONGTYPE when the dead letters' key holds something else, NOPERM when the user may not add to them: a script is
      not rolled back, and what was acknowledged would be lost
]]
local stream, dead, stats = KEYS[1], KEYS[2], KEYS[3]
local kind = redis.call('TYPE', dead).ok
if kind ~= 'stream' and kind ~= 'none' then
  return redis.error_reply('WRONGTYPE the key ' .. dead .. ' holds a ' .. kind .. ', not a stream')
end
if not redis.acl_check_cmd('XADD', dead, '*', '', '') then
  return redis.error_reply('NOPERM the user may not run XADD on ' .. dead)
end
local buried, at = 0, 2
while at <= #ARGV do
  local id, deliveries, reason, n = ARGV[at], ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3])
  if redis.call('XACK', stream, ARGV[1], id) == 1 then
    local fields = {}
    for i = 1, n do fields[i] = ARGV[at + 3 + i] end
    for _, value in ipairs({ 'reason', reason, 'source_id', id, 'deliveries', deliveries }) do
      fields[#fields + 1] = value
    end
    redis.call('XADD', dead, '*', unpack(fields))
    buried = buried + 1
  end
  at = at + 4 + n
end
if buried > 0 then redis.call('HINCRBY', stats, 'dead', buried) end
return buried

#!lua flags=allow-oom
--[[
Adds one step to the pipeline's history. Every replica asks for it; the first in each step does it.

KEYS  1 stream  2 history  3 stats  4 the key that marks this step as taken
ARGV  1 group  2 time of the step (ms)  3 steps to keep  4 how long the mark lives (ms)
Reply 1 when the step was added, 0 when another had done so
]]
if not redis.call('SET', KEYS[4], 1, 'NX', 'PX', ARGV[4]) then return 0 end
local function field(list, name)
  for i = 1, #list, 2 do
    if list[i] == name then return list[i + 1] end
  end
end
local added = field(redis.call('XINFO', 'STREAM', KEYS[1]), 'entries-added')
local lag, pending = redis.call('XLEN', KEYS[1]), 0
for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  if info[2] == ARGV[1] then
    lag, pending = field(info, 'lag') or lag, field(info, 'pending')
  end
end
local stats = redis.call('HMGET', KEYS[3], 'stored', 'latency_ms', 'latency_max_ms')
redis.call('HDEL', KEYS[3], 'latency_max_ms')
local memory = string.match(redis.call('INFO', 'memory'), 'used_memory:(%d+)')
redis.call('RPUSH', KEYS[2], string.format(
  '{"t":%s,"added":%.0f,"stored":%s,"lag":%.0f,"pending":%.0f,"used_memory":%s,"latency_ms":%s,"latency_max_ms":%s}',
  ARGV[2], added, stats[1] or 0, lag, pending, memory, stats[2] or 0, stats[3] or 0))
redis.call('LTRIM', KEYS[2], -tonumber(ARGV[3]), -1)
return 1

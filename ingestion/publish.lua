#!lua
--[[
Writes readings to the stream, those of each request whole or not at all, and claims an Idempotency-Key with them.

A script is not rolled back, so all that can fail comes before the first write: the types of the keys are looked
at, and there is no allow-oom, so that a Redis whose memory is full refuses the script as a whole. A reading is
one line, `site device power timestamp` and perhaps ` traceparent`, none of which can contain a space: one
argument for a whole request, however long, where a field each would end at Lua's limit of 8,000. Where the stream
is missing it is made together with its group, at 0: one without the group would hide what is in it from the
autoscaler.

KEYS  1 stream  [2 kept answer]  [3 lock of an upload]
ARGV  1 group
      with KEYS[2]: 2 how long to keep the answer (ms)  3 the answer; the ids are put behind it
      with KEYS[3]: 4 the token that the lock must hold  5 how long the lock holds from now on (ms)
      then for each request: its readings
Reply for each request the ids of its first and last entry, empty when it has none; or, with nothing written,
      {'kept', answer}: the key has been claimed already (without KEYS[3])
      {'locked'}: the upload is another's now (with KEYS[3])
Error WRONGTYPE when a key holds something else; OOM, READONLY, MISCONF, NOREPLICAS of Redis. Nothing is written.
]]
local call = redis.call
local stream, answer, lock = KEYS[1], KEYS[2], KEYS[3]
local kind = call('TYPE', stream).ok
if kind ~= 'stream' and kind ~= 'none' then
  return redis.error_reply('WRONGTYPE the key ' .. stream .. ' holds a ' .. kind .. ', not a stream')
end
local first = 2
if lock then
  if call('GET', lock) ~= ARGV[4] then return { 'locked' } end
  call('GET', answer)
  first = 6
elseif answer then
  local kept = call('GET', answer)
  if kept then return { 'kept', kept } end
  first = 4
end

if kind == 'none' then call('XGROUP', 'CREATE', stream, ARGV[1], '0', 'MKSTREAM') end
local ids = {}
for i = first, #ARGV do
  local from, to = '', ''
  for site, device, power, time, trace in string.gmatch(ARGV[i], '([^ ]+) ([^ ]+) ([^ ]+) ([^ \n]+) ?([^\n]*)\n') do
    if trace == '' then
      to = call('XADD', stream, 'NOMKSTREAM', '*', 'site_id', site, 'device_id', device,
        'power_reading', power, 'timestamp', time)
    else
      to = call('XADD', stream, 'NOMKSTREAM', '*', 'site_id', site, 'device_id', device,
        'power_reading', power, 'timestamp', time, 'traceparent', trace)
    end
    if from == '' then from = to end
  end
  ids[#ids + 1] = from
  ids[#ids + 1] = to
end
if answer then call('SET', answer, ARGV[3] .. '\n' .. ids[1] .. ' ' .. ids[2], 'PX', ARGV[2]) end
if lock then call('PEXPIRE', lock, ARGV[5]) end
return ids

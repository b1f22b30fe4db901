#!lua
--[[
Writes readings to the stream, those of each request whole or not at all, and claims an Idempotency-Key with them.

A script is not rolled back, so all that can fail comes before the first write: the types of the keys are looked
at, and there is no allow-oom, so that a Redis whose memory is full refuses the script as a whole. A reading is
one line, `site device power timestamp` and perhaps ` traceparent`, none of which can contain a space: one
argument for all requests, and one reply, where one each is what costs most in the client. Where the stream
is missing it is made together with its group, at 0: one without the group would hide what is in it from the
autoscaler.

KEYS  1 stream  2 watermark of processing  [3 kept answer]
ARGV  1 group
      with KEYS[3]: 2 the answer kept so far, empty for none  3 how long to keep the new one (ms)
                    4 the new one; a line break and the two ids are put behind it
      then the readings of all requests, and for each request how many are its own, put apart by spaces
Reply for each request the ids of its first and last entry, put apart by single spaces, empty when it has none;
      or {'kept', answer}, with nothing written, when another answer is kept than ARGV[2]
Error WRONGTYPE when a key holds something else; OOM, READONLY, MISCONF, NOREPLICAS of Redis. Nothing is written.
]]
local call = redis.call
local stream, answer = KEYS[1], KEYS[3]
local kind = call('TYPE', stream).ok
if kind ~= 'stream' and kind ~= 'none' then
  return redis.error_reply('WRONGTYPE the key ' .. stream .. ' holds a ' .. kind .. ', not a stream')
end
local first = 2
if answer then
  local kept = call('GET', answer) or ''
  if kept ~= ARGV[2] then return { 'kept', kept } end
  first = 5
end

if kind == 'none' then
  -- It was how far the stream before this one had been read.
  call('DEL', KEYS[2])
  call('XGROUP', 'CREATE', stream, ARGV[1], '0', 'MKSTREAM')
end
local ids = {}
local readings = string.gmatch(ARGV[first], '([^ ]+) ([^ ]+) ([^ ]+) ([^ \n]+) ?([^\n]*)\n')
for count in string.gmatch(ARGV[first + 1], '%d+') do
  local from, to = '', ''
  for i = 1, tonumber(count) do
    local site, device, power, time, trace = readings()
    if trace == '' then
      to = call('XADD', stream, 'NOMKSTREAM', '*', 'site_id', site, 'device_id', device,
        'power_reading', power, 'timestamp', time)
    else
      to = call('XADD', stream, 'NOMKSTREAM', '*', 'site_id', site, 'device_id', device,
        'power_reading', power, 'timestamp', time, 'traceparent', trace)
    end
    if i == 1 then from = to end
  end
  ids[#ids + 1] = from
  ids[#ids + 1] = to
end
ids = table.concat(ids, ' ')
if answer then call('SET', answer, ARGV[4] .. '\n' .. ids, 'PX', ARGV[3]) end
return ids

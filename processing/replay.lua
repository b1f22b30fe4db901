#!lua
--[[
Puts dead letters back on the stream, each as one step of taking it away and adding it: however often this is
asked for, a dead letter comes back once. The last three fields are the dead letter's own and are left off.

KEYS  1 dead letters  2 stream
ARGV  ids of dead letters
Reply for each id: the id of its new entry, or 0 when there is no such dead letter, or 1 when nothing is left of
      its entry
Error NOSTREAM when the stream does not exist; WRONGTYPE when its key holds something else, NOPERM when the user may
      not add to it: a script is not rolled back, and what was taken away would be lost
]]
local kind = redis.call('TYPE', KEYS[2]).ok
if kind == 'none' then return redis.error_reply('NOSTREAM') end
if kind ~= 'stream' then
  return redis.error_reply('WRONGTYPE the key ' .. KEYS[2] .. ' holds a ' .. kind .. ', not a stream')
end
if not redis.acl_check_cmd('XADD', KEYS[2], '*', '', '') then
  return redis.error_reply('NOPERM the user may not run XADD on ' .. KEYS[2])
end
local reply = {}
for i, id in ipairs(ARGV) do
  local entry = redis.call('XRANGE', KEYS[1], id, id)[1]
  if not entry then
    reply[i] = 0
  elseif #entry[2] <= 6 then
    reply[i] = 1
  elseif redis.call('XDEL', KEYS[1], id) == 1 then
    reply[i] = redis.call('XADD', KEYS[2], 'NOMKSTREAM', '*', unpack(entry[2], 1, #entry[2] - 6))
  end
end
return reply

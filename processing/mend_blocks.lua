#!lua flags=allow-oom
--[[
Sets or adds a block of a list's index, if it still is what it was and nothing has been removed from the list's front.

KEYS  1 meta  2 blocks (list)
ARGV  1 base  2 the block's number  3 what it was, empty when there was none  4 what it is to be
Reply 1 when it was set, 0 when something has changed
]]
local base = redis.call('HGET', KEYS[1], 'base')
if tonumber(base or 0) ~= tonumber(ARGV[1]) then return 0 end
if ARGV[3] == '' then
  -- Behind a block that is not full there is no next one: the storing script would take it for full.
  local length = redis.call('LLEN', KEYS[2])
  if length ~= tonumber(ARGV[2]) then return 0 end
  if length > 0 then
    local _, _, count = struct.unpack('<ddd', redis.call('LINDEX', KEYS[2], -1))
    if count ~= 1000 then return 0 end
  end
  redis.call('RPUSH', KEYS[2], ARGV[4])
  return 1
end
if redis.call('LINDEX', KEYS[2], ARGV[2]) ~= ARGV[3] then return 0 end
redis.call('LSET', KEYS[2], ARGV[2], ARGV[4])
return 1

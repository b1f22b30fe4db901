#!lua flags=no-writes
--[[
How many readings sites have, and the newest one of each of their devices.

KEYS  for each site: its readings (list), its devices (hash)
Reply for each site: the length of the list, then the values of the hash. In place of a key that holds something else
      there is nothing: that site has nothing to show, the others do.
Error whatever else Redis objects
]]
local reply = {}
for i = 1, #KEYS, 2 do
  local count, devices = redis.pcall('LLEN', KEYS[i]), redis.pcall('HVALS', KEYS[i + 1])
  for _, answer in ipairs({ count, devices }) do
    local err = type(answer) == 'table' and answer.err
    if err and not string.find(err, '^WRONGTYPE') then return answer end
  end
  if type(count) == 'table' then count = 0 end
  -- An error has no members to go through.
  local site = { count, unpack(devices) }
  reply[#reply + 1] = site
end
return reply

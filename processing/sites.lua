#!lua flags=no-writes
--[[
How many readings sites have, and the newest one of each of their devices.

KEYS  for each site: its readings (list), its devices (hash)
Reply for each site: the length of the list, {the values of the hash}. A key that holds something else is as good as
      an empty one: that site has nothing to show, the others do.
Error whatever else Redis objects
]]
local function ask(command, key, empty)
  local answer = redis.pcall(command, key)
  local err = type(answer) == 'table' and answer.err
  if err and string.find(err, '^WRONGTYPE') then return empty end
  return answer, err
end
local reply = {}
for i = 1, #KEYS, 2 do
  local count, refused = ask('LLEN', KEYS[i], 0)
  if refused then return count end
  local devices, also = ask('HVALS', KEYS[i + 1], {})
  if also then return devices end
  reply[#reply + 1] = { count, devices }
end
return reply

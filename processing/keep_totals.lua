#!lua flags=allow-oom
--[[
Adds totals of quarters that are over to those that are kept of a site, if nothing was rolled up since they were
worked out. Rolling up takes away what it changes.

KEYS  1 meta  2 days (sorted set)  then each day's totals (string)
ARGV  1 rolled, as it was read  2 the gap (ms)  then for each day: its member of the sorted set, the day, how many
      bytes there were, what to add
Reply 1 when they were added, 0 when something has changed
]]
local call = redis.call
local f = call('HMGET', KEYS[1], 'rolled', 'gap', 'clearing')
if f[1] ~= ARGV[1] or f[2] ~= ARGV[2] or f[3] then return 0 end
for i = 3, #KEYS do
  local kind = call('TYPE', KEYS[i]).ok
  if kind ~= 'string' and kind ~= 'none' then return 0 end
  if call('STRLEN', KEYS[i]) ~= tonumber(ARGV[4 * (i - 3) + 5]) then return 0 end
end
for i = 3, #KEYS do
  local at = 4 * (i - 3) + 3
  call('APPEND', KEYS[i], ARGV[at + 3])
  if ARGV[at + 2] == '0' then call('ZADD', KEYS[2], ARGV[at + 1], ARGV[at]) end
end
return 1

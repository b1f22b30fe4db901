#!lua flags=no-writes
--[[
What is known of sites' lists, and whether each list still is the one that it is known of: the first reading and the
last one that was rolled up must be where they were.

KEYS  for each site: its meta (hash), its readings (list)
Reply for each site: length, 1 when the list is the one that is known, 0 when it is another, -1 when it is not
      known yet; then base, rolled, gap, trimmed_max_ts, clearing as they are in the hash. A site of which a key is
      of the wrong type has length -1.
]]
local call, try = redis.call, redis.pcall
local reply = {}
for i = 1, #KEYS, 2 do
  local meta, list = KEYS[i], KEYS[i + 1]
  local length = try('LLEN', list)
  local f = try('HMGET', meta, 'base', 'rolled', 'gap', 'trimmed_max_ts', 'clearing', 'head', 'head_at', 'mark')
  if type(length) == 'table' or f.err then
    reply[#reply + 1] = { -1, -1 }
  else
    local same = -1
    if f[8] then
      local base, rolled = tonumber(f[1] or 0), tonumber(f[2] or 0)
      -- Retention may have removed both; then nothing speaks against it.
      same = 1
      if base + length < rolled then
        same = 0
      elseif tonumber(f[7]) == base and call('LINDEX', list, 0) ~= f[6] then
        same = 0
      elseif rolled > base and call('LINDEX', list, rolled - base - 1) ~= f[8] then
        same = 0
      end
    end
    reply[#reply + 1] = { length, same, f[1], f[2], f[3], f[4], f[5] }
  end
end
return reply

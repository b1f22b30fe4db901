#!lua flags=allow-oom
--[[
Removes a site's rollups, a few at a time, because its list is another one (`list`: then all that was known of the
list goes, its index with it) or because the gap has changed (`gap`: then what overlaps a time that retention has
removed stays, for nothing could compute it anew). Until it has come to its end `clearing` says that they are not to be used.

KEYS  1 meta  2 days (sorted set)  3 blocks (list)
ARGV  1 list or gap  2 base and  3 rolled as they were read; an empty string to go on with what was begun
      4 prefix of the keys of rollups  5 how many to remove
Reply 1 when there may be more to remove, 0 when it is done, -1 when something has changed
]]
local call = redis.call
local meta, days, blocks, kind, prefix, most = KEYS[1], KEYS[2], KEYS[3], ARGV[1], ARGV[4], tonumber(ARGV[5])
local f = call('HMGET', meta, 'base', 'rolled', 'clearing', 'trimmed_max_ts')
local base, rolled = tonumber(f[1] or 0), tonumber(f[2] or 0)
if ARGV[3] == '' then
  if f[3] ~= kind then return -1 end
elseif f[3] then
  -- Another replica is at it; a list that is another one is cleared of all.
  if f[3] ~= kind and kind ~= 'list' then return -1 end
elseif base ~= tonumber(ARGV[2]) or math.max(base, rolled) ~= tonumber(ARGV[3]) then
  return -1
end
call('HSET', meta, 'clearing', kind)

local quarter = kind == 'gap' and f[4] and math.floor(tonumber(f[4]) / 900000)
local day = quarter and math.floor(quarter / 96)
local members = call('ZRANGEBYSCORE', days, day and '(' .. string.format('%.0f', day) or '-inf', '+inf', 'LIMIT', 0, most)
for _, member in ipairs(members) do
  call('UNLINK', prefix .. member)
  call('ZREM', days, member)
end
if #members == most then return 1 end

if kind == 'list' then
  call('DEL', meta, blocks)
  return 0
end
if day then
  local score = string.format('%.0f', day)
  for _, member in ipairs(call('ZRANGEBYSCORE', days, score, score)) do
    local rollups = call('GET', prefix .. member) or ''
    local kept = 0
    -- Totals, which have no device behind the day, are worked out anew. A device's name may end with a colon.
    if string.find(member, ':', 1, true) == #member then rollups = '' end
    while kept < #rollups do
      local first = struct.unpack('<I4', rollups, kept + 1)
      if math.floor(first / 1048576) > quarter - day * 96 then break end
      kept = kept + 56
    end
    if kept == 0 then
      call('UNLINK', prefix .. member)
      call('ZREM', days, member)
    else
      call('SET', prefix .. member, string.sub(rollups, 1, kept))
    end
  end
end
call('HDEL', meta, 'gap', 'mark', 'head', 'head_at', 'clearing')
call('HSET', meta, 'rolled', string.format('%.0f', base))
return 0

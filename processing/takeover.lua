#!lua flags=allow-oom
--[[
Takes over what other consumers hold and do not finish: everything of a consumer that shows no sign of life (its
heartbeat key has expired), and of any consumer what it has held for too long. Consumers that are gone and hold
nothing are deleted; doing so here, in one step with the look at what they hold, is what keeps XGROUP DELCONSUMER
from dropping pending entries.

What was trimmed while pending cannot be claimed any more: it becomes a dead letter with the reason `trimmed`. While
there can be no dead letter (the key holds something else, or the user may not add to it) it is left where it is,
with all that its consumer holds behind it.

KEYS  1 stream  2 dead letters  3 stats
ARGV  1 group  2 this consumer  3 prefix of the heartbeat keys  4 idle time (ms) from which anything is taken
      5 most entries to take
Reply for each entry taken: id, deliveries before this one, fields
]]
local stream, dead, stats = KEYS[1], KEYS[2], KEYS[3]
local group, self, prefix, idle, most = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local kind = redis.call('TYPE', dead).ok
local buries = (kind == 'stream' or kind == 'none') and redis.acl_check_cmd('XADD', dead, '*', '', '')
local taken = {}

-- In the order of their ids, the first of each row: so a device's readings keep their order, whoever held them.
local function sorted(rows)
  local keys = {}
  for _, row in ipairs(rows) do
    local ms, seq = string.match(row[1], '^(%d+)-(%d+)$')
    keys[row] = string.rep('0', 20 - #ms) .. ms .. string.rep('0', 20 - #seq) .. seq
  end
  table.sort(rows, function(a, b) return keys[a] < keys[b] end)
  return rows
end

-- Takes the first rows of those that XPENDING gives; says whose are left out, to their owners or for the next time.
local function take(rows)
  local left = {}
  for _, row in ipairs(rows) do
    local id, owner, deliveries = row[1], row[2], row[4]
    if #taken == most or left[owner] or not buries and #redis.call('XRANGE', stream, id, id) == 0 then
      -- And all behind it: who finds its first entry untouched takes the rest of its batch for its own.
      left[owner] = true
    elseif owner ~= self then
      -- XCLAIM of an entry that was trimmed removes it from the pending entries and gives nothing back.
      local entry = redis.call('XCLAIM', stream, group, self, 0, id)[1]
      if entry then
        taken[#taken + 1] = { id, deliveries, entry[2] }
      else
        redis.call('XADD', dead, '*', 'reason', 'trimmed', 'source_id', id, 'deliveries', deliveries)
        redis.call('HINCRBY', stats, 'dead', 1)
      end
    end
  end
  return left
end

local gone, rows = {}, {}
for _, info in ipairs(redis.call('XINFO', 'CONSUMERS', stream, group)) do
  local name, pending = info[2], info[4]
  if name ~= self and redis.call('EXISTS', prefix .. name) == 0 then
    local its = pending > 0 and redis.call('XPENDING', stream, group, '-', '+', most, name) or {}
    gone[name] = #its == pending
    for _, row in ipairs(its) do rows[#rows + 1] = row end
  end
end
local left = take(sorted(rows))
for name, all in pairs(gone) do
  if all and not left[name] then redis.call('XGROUP', 'DELCONSUMER', stream, group, name) end
end
if #taken < most then
  take(redis.call('XPENDING', stream, group, 'IDLE', idle, '-', '+', most - #taken))
end
return sorted(taken)

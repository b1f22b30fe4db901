#!lua flags=allow-oom
--[[
Takes over what other consumers hold and do not finish: everything of a consumer that shows no sign of life (its
heartbeat key has expired), and of any consumer what it has held for too long. Consumers that are gone and hold
nothing are deleted; doing so here, in one step with the look at what they hold, is what keeps XGROUP DELCONSUMER
from dropping pending entries.

What was trimmed while pending cannot be claimed any more: it becomes a dead letter with the reason `trimmed`.

KEYS  1 stream  2 dead letters  3 stats
ARGV  1 group  2 this consumer  3 prefix of the heartbeat keys  4 idle time (ms) from which anything is taken
      5 most entries to take
Reply for each entry taken: id, deliveries before this one, fields
]]
local stream, dead, stats = KEYS[1], KEYS[2], KEYS[3]
local group, self, prefix, idle, most = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local kind = redis.call('TYPE', dead).ok
if kind ~= 'stream' and kind ~= 'none' then
  return redis.error_reply('WRONGTYPE the key ' .. dead .. ' holds a ' .. kind .. ', not a stream')
end
local taken = {}

local function take(rows)
  for _, row in ipairs(rows) do
    local id, owner, deliveries = row[1], row[2], row[4]
    if owner ~= self then
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
end

for _, info in ipairs(redis.call('XINFO', 'CONSUMERS', stream, group)) do
  local name, pending = info[2], info[4]
  if name ~= self and redis.call('EXISTS', prefix .. name) == 0 then
    local room = most - #taken
    if pending > 0 and room > 0 then
      local rows = redis.call('XPENDING', stream, group, '-', '+', room, name)
      take(rows)
      pending = pending - #rows
    end
    if pending == 0 then redis.call('XGROUP', 'DELCONSUMER', stream, group, name) end
  end
end
if #taken < most then
  take(redis.call('XPENDING', stream, group, 'IDLE', idle, '-', '+', most - #taken))
end
return taken

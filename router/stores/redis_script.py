"""The scripts that count on a Redis server, each in one step and by the server's clock.

They do for keys what ``counters`` does in memory. Times are whole microseconds. Numbers are stored as text of our own
making: Lua's ``tostring`` keeps fourteen digits, and a time in microseconds has sixteen.

``TAKE`` may decide several requests, one after the other. The first argument says how many; then come, for each
request, the number of its keys, and for each of these keys its rule, the cost, and whether it is only measured (1). The
answer begins with the time; then come four integers for each key: whether it is allowed, what remains, microseconds
until reset, microseconds until the charge would pass.

``GIVE_BACK`` gets for each key its rule, units, and the time of the answer in which they were spent.

A rule is an algorithm, capacity and interval. A ``calendar`` has four more arguments: where the windows around this
moment begin and end. The gateway knows time zones, the server knows the time.
"""

from collections.abc import Iterable

from router.stores.limits import Rule

_MICRO = 1_000_000

_COUNTERS = """
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local next_argument = 1

local function argument()
  next_argument = next_argument + 1
  return ARGV[next_argument - 1]
end

local function number() return tonumber(argument()) end
local function whole(value) return string.format('%.0f', value) end

local counters = {}

function counters.token_bucket(key, capacity, interval)
  local stored = redis.call('HMGET', key, 'tokens', 'at')
  local tokens = math.min(tonumber(stored[1]) or capacity, capacity)
  local elapsed = math.max(0, now - (tonumber(stored[2]) or now))
  tokens = math.min(capacity, tokens + elapsed * capacity / interval)
  local function store()
    redis.call('HSET', key, 'tokens', string.format('%.17g', tokens), 'at', whole(now))
    redis.call('PEXPIRE', key, math.ceil(interval / 1000) + 1000)
  end
  return {
    available = function() return tokens + 0.000001 end,
    spend = function(cost)
      tokens = math.max(0, tokens - cost)
      store()
    end,
    give_back = function(units)
      tokens = math.min(capacity, tokens + units)
      store()
    end,
    wait = function(cost) return math.max(0, cost - tokens) * interval / capacity end,
    reset = function() return (capacity - tokens) * interval / capacity end,
  }
end

function counters.sliding_window(key, capacity, interval)
  local oldest = redis.call('LINDEX', key, 0)
  while oldest and tonumber(oldest) <= now - interval do
    redis.call('LPOP', key)
    oldest = redis.call('LINDEX', key, 0)
  end
  local spent = redis.call('LLEN', key)
  local function leaves(index) return tonumber(redis.call('LINDEX', key, index)) + interval - now end
  return {
    available = function() return math.max(0, capacity - spent) end,
    spend = function(cost)
      for _ = 1, cost do redis.call('RPUSH', key, whole(now)) end
      redis.call('PEXPIRE', key, math.ceil(interval / 1000) + 1000)
      spent = spent + cost
    end,
    give_back = function(units, at)
      if at <= now - interval then return end
      for _ = 1, math.min(units, spent) do redis.call('RPOP', key) end
    end,
    wait = function(cost) return spent + cost > capacity and leaves(spent + cost - capacity - 1) or 0 end,
    reset = function() return spent > 0 and leaves(0) or 0 end,
  }
end

function counters.sliding_window_counter(key, capacity, interval)
  local window, elapsed = math.floor(now / interval), now % interval
  local stored = redis.call('HMGET', key, 'window', 'spent', 'before')
  local spent, before = tonumber(stored[2]) or 0, tonumber(stored[3]) or 0
  local age = window - (tonumber(stored[1]) or window)
  if age == 1 then before = spent elseif age ~= 0 then before = 0 end
  if age ~= 0 then spent = 0 end
  local function store()
    redis.call('HSET', key, 'window', whole(window), 'spent', whole(spent), 'before', whole(before))
    redis.call('PEXPIRE', key, math.ceil(2 * interval / 1000) + 1000)
  end
  return {
    available = function()
      return math.max(0, capacity - spent - before * (1 - elapsed / interval)) + 0.000001
    end,
    spend = function(cost)
      spent = spent + cost
      store()
    end,
    give_back = function(units, at)
      local since = window - math.floor(at / interval)
      if since == 0 then spent = math.max(0, spent - units) end
      if since == 1 then before = math.max(0, before - units) end
      store()
    end,
    wait = function(cost)
      local room = capacity - spent - cost
      if room >= 0 then
        local part = before > 0 and 1 - room / before or 0
        return math.max(0, part * interval - elapsed)
      end
      return (1 + math.max(0, 1 - (capacity - cost) / spent)) * interval - elapsed
    end,
    reset = function() return interval - elapsed end,
  }
end

local function window_of(begins, key, capacity, left, longest)
  local window = whole(begins(now))
  local stored = redis.call('HMGET', key, 'window', 'spent')
  local spent = stored[1] == window and tonumber(stored[2]) or 0
  local function store()
    redis.call('HSET', key, 'window', window, 'spent', whole(spent))
    redis.call('PEXPIRE', key, math.ceil(longest / 1000) + 1000)
  end
  return {
    available = function() return math.max(0, capacity - spent) end,
    spend = function(cost)
      spent = spent + cost
      store()
    end,
    give_back = function(units, at)
      if whole(begins(at)) == window then
        spent = math.max(0, spent - units)
        store()
      end
    end,
    wait = function(cost) return spent + cost > capacity and left or 0 end,
    reset = function() return left end,
  }
end

function counters.fixed_window(key, capacity, interval)
  local function begins(moment) return math.floor(moment / interval) end
  return window_of(begins, key, capacity, interval - now % interval, interval)
end

function counters.calendar(key, capacity, interval)
  local starts = {number(), number(), number(), number()}
  -- Clocks that differ by more than a day are somebody's to set right; whoever is outside is in the nearest window.
  local function index(moment)
    if moment < starts[2] then return 1 end
    return moment < starts[3] and 2 or 3
  end
  local function begins(moment) return moment < starts[1] and 0 or starts[index(moment)] end
  local left = starts[index(now) + 1] - now
  if left <= 0 then left = interval end
  return window_of(begins, key, capacity, left, left)
end

local function counter(key)
  local algorithm, capacity, interval = argument(), number(), number()
  return counters[algorithm](key, capacity, interval), capacity, interval
end
"""

TAKE = (
    _COUNTERS
    + """
local answer = {now}
local next_key = 1

local function read_charge()
  local charge = {}
  charge.counter, charge.capacity, charge.interval = counter(KEYS[next_key])
  charge.cost = number()
  charge.measured = argument() == '1'
  charge.allowed = charge.counter.available() >= charge.cost
  next_key = next_key + 1
  return charge
end

local function wait(charge)
  if charge.allowed then return 0 end
  if charge.cost > charge.capacity then return charge.interval end
  return charge.counter.wait(charge.cost)
end

for _ = 1, number() do
  local charges, passes = {}, true
  for index = 1, number() do
    charges[index] = read_charge()
    passes = passes and (charges[index].allowed or charges[index].measured)
  end
  for _, charge in ipairs(charges) do
    if passes and charge.allowed then charge.counter.spend(charge.cost) end
    table.insert(answer, charge.allowed and 1 or 0)
    table.insert(answer, math.floor(charge.counter.available()))
    table.insert(answer, math.ceil(charge.counter.reset()))
    table.insert(answer, math.ceil(wait(charge)))
  end
end
return answer
"""
)

GIVE_BACK = (
    _COUNTERS
    + """
for _, key in ipairs(KEYS) do
  -- A key that is gone has forgotten what was spent.
  local is_there = redis.call('EXISTS', key) == 1
  local found = counter(key)
  local units, at = number(), number()
  if is_there then found.give_back(units, at) end
end
return #KEYS
"""
)


def rule_arguments(rule: Rule, wall_clock: float) -> Iterable[str | int]:
    """What the scripts are told of a rule; ``wall_clock`` is the gateway's idea of the time."""
    interval = microseconds(rule.interval_seconds)
    if rule.calendar is None:
        return rule.algorithm.value, rule.capacity, interval
    return ("calendar", rule.capacity, interval, *map(microseconds, rule.calendar.starts(wall_clock)))


def microseconds(seconds: float) -> int:
    """Seconds as the scripts count them."""
    return round(seconds * _MICRO)


def seconds(microseconds: int) -> float:
    """The other way round."""
    return microseconds / _MICRO

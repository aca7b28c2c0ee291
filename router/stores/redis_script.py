"""The script that decides rate limits on a Redis server, in one step and by the server's clock.

It does for keys what ``counters`` does in memory. Times are whole microseconds. Numbers are stored as text of our own
making: Lua's ``tostring`` keeps fourteen digits, and a time in microseconds has sixteen.

One call may decide several requests, one after the other. The first argument says how many; then come, for each
request, the number of its keys, and for each of these keys algorithm, capacity, interval and cost. The answer has four
integers for each key: whether it is allowed, what remains, microseconds until reset, microseconds until the charge
would pass.
"""

TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])

local function whole(number) return string.format('%.0f', number) end

local counters = {}

function counters.token_bucket(key, capacity, interval)
  local stored = redis.call('HMGET', key, 'tokens', 'at')
  local tokens = math.min(tonumber(stored[1]) or capacity, capacity)
  local elapsed = math.max(0, now - (tonumber(stored[2]) or now))
  tokens = math.min(capacity, tokens + elapsed * capacity / interval)
  return {
    available = function() return tokens + 0.000001 end,
    spend = function(cost)
      tokens = math.max(0, tokens - cost)
      redis.call('HSET', key, 'tokens', string.format('%.17g', tokens), 'at', whole(now))
      redis.call('PEXPIRE', key, math.ceil(interval / 1000) + 1000)
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
    wait = function(cost) return spent + cost > capacity and leaves(spent + cost - capacity - 1) or 0 end,
    reset = function() return spent > 0 and leaves(0) or 0 end,
  }
end

function counters.fixed_window(key, capacity, interval)
  local window = whole(math.floor(now / interval))
  local stored = redis.call('HMGET', key, 'window', 'spent')
  local spent = stored[1] == window and tonumber(stored[2]) or 0
  local function left() return interval - now % interval end
  return {
    available = function() return math.max(0, capacity - spent) end,
    spend = function(cost)
      spent = spent + cost
      redis.call('HSET', key, 'window', window, 'spent', whole(spent))
      redis.call('PEXPIRE', key, math.ceil(interval / 1000) + 1000)
    end,
    wait = function(cost) return spent + cost > capacity and left() or 0 end,
    reset = left,
  }
end

local answer = {}
local next_key, next_argument = 1, 2

local function argument()
  next_argument = next_argument + 1
  return ARGV[next_argument - 1]
end

local function read_charge()
  local algorithm = argument()
  local charge = {capacity = tonumber(argument()), interval = tonumber(argument()), cost = tonumber(argument())}
  charge.counter = counters[algorithm](KEYS[next_key], charge.capacity, charge.interval)
  charge.allowed = charge.counter.available() >= charge.cost
  next_key = next_key + 1
  return charge
end

local function wait(charge)
  if charge.allowed then return 0 end
  if charge.cost > charge.capacity then return charge.interval end
  return charge.counter.wait(charge.cost)
end

for _ = 1, tonumber(ARGV[1]) do
  local charges, all_allowed = {}, true
  for index = 1, tonumber(argument()) do
    charges[index] = read_charge()
    all_allowed = all_allowed and charges[index].allowed
  end
  for _, charge in ipairs(charges) do
    if all_allowed then charge.counter.spend(charge.cost) end
    table.insert(answer, charge.allowed and 1 or 0)
    table.insert(answer, math.floor(charge.counter.available()))
    table.insert(answer, math.ceil(charge.counter.reset()))
    table.insert(answer, math.ceil(wait(charge)))
  end
end
return answer
"""

-- Entities one by one, by identifier, chosen by chance.
math.randomseed(tonumber(os.getenv("SEED") or "1"))
local count = tonumber(os.getenv("COUNT"))
request = function()
    return wrk.format("GET", string.format("/ngsi-ld/v1/entities/urn:ngsi-ld:BenchSensor:%07d", math.random(0, count - 1)))
end

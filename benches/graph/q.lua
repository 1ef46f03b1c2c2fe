-- The first page of what an attribute's value picks: one entity in a hundred.
math.randomseed(tonumber(os.getenv("SEED") or "1"))
request = function()
    return wrk.format("GET", "/ngsi-ld/v1/entities?type=BenchSensor&limit=20&q=level==" .. math.random(0, 99))
end

`FakeUpstream.StartAsync` takes the options of https, so that tests have upstreams which ask for certificates.

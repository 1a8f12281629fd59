Upstreams: requests with headers, conditions and statuses (`UpstreamRequest`), tokens (`UpstreamAuthorization`), and `IUpstreams` outside a sync.

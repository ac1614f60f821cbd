// Each test starts processes that take what the machine has; one after the other they meet their deadlines anywhere.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

`ContentGuard<T>` declares a kind of content guard, and a `GuardCheck<T>` decides for it who may have what is served.

import { Worker } from 'node:worker_threads'

/**
 * What the bundle of the npm package uses and Node 20 lacks. It cannot tell the processor time of a thread: that of the process is
 * taken, of which the thread has nearly all while the program waits for it.
 */
Promise.withResolvers ??= <T>() => {
  const made = {} as PromiseWithResolvers<T>
  made.promise = new Promise<T>((resolve, reject) => Object.assign(made, { resolve, reject }))
  return made
}
Map.groupBy ??= <K, T>(items: Iterable<T>, keyOf: (item: T, index: number) => K) => {
  const groups = new Map<K, T[]>()
  let index = 0
  for (const item of items) {
    const key = keyOf(item, index++)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}
process.threadCpuUsage ??= (since) => process.cpuUsage(since)
Worker.prototype.cpuUsage ??= async (since) => process.cpuUsage(since)

import type { Bed } from '../../cluster/bed/bed.ts'

/** One line of what a component says of itself. */
export type Sample = [series: string, value: number]

const apiMetrics = ['kubectl', 'get', '--raw', '/metrics']
/** As kubeadm has etcd listen for them. */
const etcdMetrics = ['curl', '--silent', '--fail', 'http://127.0.0.1:2381/metrics']

/** What the API server and etcd of a bed say of themselves now. */
export const componentMetrics = async (bed: Pick<Bed, 'exec'>): Promise<{ api: Sample[]; etcd: Sample[] }> => {
  const [api, etcd] = await Promise.all([metrics(bed, apiMetrics), metrics(bed, etcdMetrics)])
  return { api, etcd }
}

const metrics = async (bed: Pick<Bed, 'exec'>, argv: readonly string[]): Promise<Sample[]> => {
  const { code, stdout, stderr } = await bed.exec(argv)
  if (code !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`)
  return stdout.split('\n').flatMap((line): Sample[] => {
    const [, series, value] = /^([a-z_]+(?:\{.*\})?) (\S+)$/.exec(line) ?? []
    return series === undefined ? [] : [[series, Number(value)]]
  })
}

/** Adds up the series of a name whose labels match. */
export const sum = (samples: readonly Sample[], name: string, ...labels: RegExp[]): number =>
  matching(samples, name, labels).reduce((total, [, value]) => total + value, 0)

const matching = (samples: readonly Sample[], name: string, labels: readonly RegExp[]): Sample[] =>
  samples.filter(([series]) => series.split('{', 1)[0] === name && labels.every((label) => label.test(series)))

/**
 * The value below which the share `q` of what a histogram saw between two looks lies, as Prometheus has it: within a bucket all values are
 * taken to lie evenly. NaN if nothing was seen.
 */
export const histogramQuantile = (
  [before, after]: readonly [readonly Sample[], readonly Sample[]],
  name: string,
  q: number,
  ...labels: RegExp[]
): number => {
  const bounds = new Map<number, number>()
  for (const [samples, sign] of [
    [before, -1],
    [after, 1]
  ] as const) {
    for (const [series, value] of matching(samples, `${name}_bucket`, labels)) {
      const le = /le="([^"]+)"/.exec(series)?.[1] ?? ''
      const bound = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)
      bounds.set(bound, (bounds.get(bound) ?? 0) + sign * value)
    }
  }
  const wanted = (bounds.get(Number.POSITIVE_INFINITY) ?? 0) * q
  if (wanted === 0) return Number.NaN
  let [low, below] = [0, 0]
  for (const [bound, count] of [...bounds].sort(([a], [b]) => a - b)) {
    if (count >= wanted)
      return bound === Number.POSITIVE_INFINITY ? low : low + (bound - low) * ((wanted - below) / (count - below))
    ;[low, below] = [bound, count]
  }
  return low
}

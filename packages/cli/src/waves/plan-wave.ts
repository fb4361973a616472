/** Part of the machines: a number of them, or so many of a hundred. */
export type Share = { count: number } | { percent: number }

/** Rule for machines that are approved in waves. */
export interface WaveRule {
  /** Size of a wave. */
  wave: Share
  /** Size of the first wave, if it is another one. */
  canary?: Share
  /** Number of failures after which no further wave begins. */
  stopOn: number
}

/** Progress so far. A failure is a machine that was refused, or did not come. */
export interface WaveProgress {
  total: number
  begun: number
  failed: number
}

/** Plans the next wave: the number of machines in it, or the end. Each wave has at least one machine. */
export const planWave = (
  { wave, canary, stopOn }: WaveRule,
  { total, begun, failed }: WaveProgress
): { take: number } | 'done' | 'stop' => {
  if (begun >= total) return 'done'
  if (failed >= stopOn) return 'stop'
  const wanted = sizeOf(begun === 0 && canary !== undefined ? canary : wave, total)
  return { take: Math.min(Math.max(1, wanted), total - begun) }
}

const sizeOf = (share: Share, total: number): number =>
  'count' in share ? share.count : Math.ceil((share.percent * total) / 100)

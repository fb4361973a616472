export { Buckets } from '../rates/buckets.ts'
export { CallRates } from '../rates/call-rates.ts'
export { take } from '../rates/token-bucket.ts'

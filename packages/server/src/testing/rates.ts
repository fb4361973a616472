export { Buckets } from '../core/base/rates/buckets.ts'
export { CallRates } from '../core/base/rates/call-rates.ts'
export { take } from '../core/base/rates/token-bucket.ts'

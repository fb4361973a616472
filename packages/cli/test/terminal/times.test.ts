import { ago, now } from '@joinery/testing/command/fixtures'
import t from 'tap'
import { age, formatDuration, parseDuration, until } from '../../src/terminal/times.ts'

const minute = 60
const hour = 60 * minute
const day = 24 * hour

t.test('a duration reads as Go writes it', async (t) => {
  const table: [string, number | undefined][] = [
    ['30m', 1800],
    ['1h30m', 5400],
    ['90s', 90],
    ['2h0m5s', 7205],
    ['168h', 604_800],
    ['0s', 0],
    ['', undefined],
    ['30', undefined],
    ['m', undefined],
    ['-5m', undefined],
    ['30m1h', undefined],
    ['1.5h', undefined],
    ['1d', undefined],
    [' 5m', undefined],
    ['5m\n', undefined]
  ]
  for (const [text, seconds] of table) t.equal(parseDuration(text), seconds, JSON.stringify(text))
})

t.test('a duration is written as it is read, without units that are zero', async (t) => {
  const table: [number, string][] = [
    [60, '1m'],
    [90, '1m30s'],
    [1800, '30m'],
    [5400, '1h30m'],
    [604_800, '168h']
  ]
  for (const [seconds, text] of table) t.equal(formatDuration(seconds), text, `${seconds} s`)
})

t.test('an age reads as kubectl prints it', async (t) => {
  const table: [number, string][] = [
    [-30, '0s'],
    [0, '0s'],
    [119, '119s'],
    [2 * minute, '2m'],
    [3 * minute + 20, '3m20s'],
    [10 * minute + 59, '10m'],
    [179 * minute, '179m'],
    [3 * hour, '3h'],
    [3 * hour + 5 * minute, '3h5m'],
    [8 * hour + 59 * minute, '8h'],
    [47 * hour, '47h'],
    [2 * day, '2d'],
    [4 * day + 2 * hour, '4d2h'],
    [8 * day + 23 * hour, '8d'],
    [729 * day, '729d'],
    [2 * 365 * day, '2y'],
    [3 * 365 * day + 4 * day, '3y4d'],
    [9 * 365 * day + 4 * day, '9y']
  ]
  for (const [seconds, text] of table) t.equal(age(ago(seconds), now), text, `${seconds} s`)
})

t.test('a time to come reads in the same words as an age', async (t) => {
  const now = new Date('2026-11-25T12:00:00Z')
  for (const [time, text] of [
    ['2026-12-01T12:00:00Z', 'in 6d'],
    ['2026-11-25T12:05:30Z', 'in 5m30s'],
    ['2026-11-25T12:00:00Z', 'now'],
    ['2026-11-25T11:00:00Z', 'now']
  ] as const) {
    t.equal(until(time, now), text, time)
  }
})

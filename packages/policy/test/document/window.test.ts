import t from 'tap'
import type { Between } from '../../src/document/policy-document.ts'
import { isWithinWindow, nextEdge } from '../../src/document/window.ts'

const office: Between = { from: '08:00', to: '18:00', days: ['mon', 'tue', 'wed', 'thu', 'fri'] }
const night: Between = { from: '22:00', to: '06:00', days: ['fri'] }

t.test('whether a time is in a window', async (t) => {
  // 2026-11-27 is a Friday
  const rows: [between: Between, at: string, is: boolean][] = [
    [office, '2026-11-27T07:59:59Z', false],
    [office, '2026-11-27T08:00:00Z', true],
    [office, '2026-11-27T17:59:59Z', true],
    [office, '2026-11-27T18:00:00Z', false],
    [office, '2026-11-28T12:00:00Z', false],
    [night, '2026-11-27T21:59:00Z', false],
    [night, '2026-11-27T22:00:00Z', true],
    [night, '2026-11-28T05:59:00Z', true],
    [night, '2026-11-28T06:00:00Z', false],
    [night, '2026-11-28T23:00:00Z', false],
    [night, '2026-11-27T05:00:00Z', false],
    [{ from: '22:00', to: '06:00' }, '2026-11-27T05:00:00Z', true],
    [{ from: '08:00', to: '08:00', days: ['fri'] }, '2026-11-28T07:59:00Z', true],
    [{ from: '08:00', to: '08:00', days: ['fri'] }, '2026-11-28T08:00:00Z', false]
  ]
  for (const [between, at, is] of rows) t.equal(isWithinWindow(between, new Date(at)), is, `${between.from} at ${at}`)
})

t.test('the next edge of a window is later than now', async (t) => {
  const rows: [at: string, next: string][] = [
    ['2026-11-27T07:59:59.999Z', '2026-11-27T08:00:00.000Z'],
    ['2026-11-27T08:00:00.000Z', '2026-11-27T18:00:00.000Z'],
    ['2026-11-27T18:00:00.000Z', '2026-11-28T08:00:00.000Z']
  ]
  for (const [at, next] of rows) t.equal(nextEdge(office, new Date(at)).toISOString(), next, at)
})

import t from 'tap'
import { type Figure, isMet, line } from './figure.ts'
import { type TargetName, targets } from './targets.ts'

const figure = (more: Partial<Figure>): Figure => ({ name: 'a figure', measured: 'as it was', ...more })
const names = Object.keys(targets) as TargetName[]

for (const name of names) {
  const target = targets[name]
  const bound = 'atMost' in target ? target.atMost : target.atLeast
  const beyond = 'atMost' in target ? bound * 1.001 : bound / 1.001
  t.test(`${name} is met at its bound, and missed beyond it and by what is no number`, async (t) => {
    t.equal(isMet(figure({ judged: { [name]: bound } })), true)
    t.equal(isMet(figure({ judged: { [name]: beyond } })), false)
    t.equal(isMet(figure({ judged: { [name]: Number.NaN } })), false)
  })
}

t.test('a figure without a target is neither met nor missed', async (t) => {
  t.equal(isMet(figure({})), undefined)
  t.equal(isMet(figure({ spoilt: 'an error' })), undefined)
})

t.test('a figure with two targets is met by both, and by none if something spoilt it', async (t) => {
  const both = { 'honest-under-attack': 1, 'memory-under-attack': 400 }
  t.equal(isMet(figure({ judged: both })), true)
  t.equal(isMet(figure({ judged: { ...both, 'memory-under-attack': 600 } })), false)
  t.equal(isMet(figure({ judged: both, spoilt: 'the server died' })), false)
})

t.test('a line says what was wanted, and why it counts for nothing', async (t) => {
  t.match(line(figure({ judged: { 'enrolment-beside-https': 1.4 } })), /^met +a figure +<= 1\.5 x +as it was$/)
  t.match(line(figure({ judged: { 'storm-beside-https': 2 }, spoilt: '3 errors' })), /^MISSED .*as it was; 3 errors$/)
  t.match(line(figure({})), /^ +a figure +as it was$/)
})

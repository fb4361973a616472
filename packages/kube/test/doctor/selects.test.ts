import t from 'tap'
import { selects } from '../../src/doctor/kubernetes-sight.ts'

const labels = { name: 'joinery-system', team: 'a' }
const by = (key: string, operator: string, ...values: string[]) => ({ matchExpressions: [{ key, operator, values }] })

t.test('a selector of labels matches as Kubernetes reads it', async (t) => {
  const rows: [what: string, selector: Parameters<typeof selects>[0], matches: boolean][] = [
    ['none', undefined, true],
    ['an empty one', {}, true],
    ['a label', { matchLabels: { team: 'a' } }, true],
    ['another value', { matchLabels: { team: 'b' } }, false],
    ['a label that is not there', { matchLabels: { other: '' } }, false],
    ['in a list', by('name', 'In', 'x', 'joinery-system'), true],
    ['not in a list', by('name', 'NotIn', 'joinery-system'), false],
    ['in a list of others', by('name', 'In', 'x'), false],
    ['not in a list of others', by('name', 'NotIn', 'x'), true],
    ['not in a list, without the label', by('other', 'NotIn', 'x'), true],
    ['there', by('team', 'Exists'), true],
    ['not there', by('team', 'DoesNotExist'), false],
    ['not there, and it is not', by('other', 'DoesNotExist'), true],
    ['all of it', { matchLabels: { team: 'a' }, ...by('name', 'NotIn', 'joinery-system') }, false],
    ['an operator that is not known', by('team', 'Like', 'x'), true]
  ]
  for (const [what, selector, matches] of rows) t.equal(selects(selector, labels), matches, what)
})

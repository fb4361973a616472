import t from 'tap'
import { wantsColour } from '../../src/text/wants-colour.ts'

t.test('the environment decides on colour before the terminal does, and NO_COLOR before all', async (t) => {
  const table: [env: Record<string, string>, isTTY: boolean | undefined, colour: boolean][] = [
    [{}, true, true],
    [{ TERM: 'xterm-256color' }, true, true],
    [{ TERM: 'dumb' }, true, false],
    [{}, undefined, false],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '0' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ FORCE_COLOR: '1' }, undefined, true],
    [{ FORCE_COLOR: 'true', TERM: 'dumb' }, true, true],
    [{ FORCE_COLOR: '' }, undefined, false],
    [{ FORCE_COLOR: '' }, true, true],
    [{ FORCE_COLOR: '0' }, undefined, false],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, undefined, false],
    [{ NO_COLOR: '', FORCE_COLOR: '1' }, undefined, true]
  ]
  for (const [env, isTTY, colour] of table) t.equal(wantsColour(env, isTTY), colour, JSON.stringify([env, isTTY]))
})

import t from 'tap'
import { allCommands, readmeCommands } from './readme-commands.ts'

const markdown = `
\`\`\`sh
other
\`\`\`

<!-- commands: install -->
\`\`\`sh
# all of it
first --name a#b   # why

second > file
\`\`\`

\`\`\`sh
third
\`\`\`
`

t.test('a block of commands is found by its name, without comments', async (t) => {
  t.strictSame(readmeCommands(markdown, 'install'), ['first --name a#b', 'second > file'])
  t.throws(() => readmeCommands(markdown, 'demo'), { message: 'there is no block of commands called demo' })
})

t.test('every command of a text is found, in order', async (t) => {
  t.strictSame(allCommands(markdown), ['other', 'first --name a#b', 'second > file', 'third'])
})

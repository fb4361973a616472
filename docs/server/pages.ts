import { budgets } from '@joinery/server/base/budgets.ts'
import { ServerConfig } from '@joinery/server/config/config.ts'
import { budgetRows } from './budget-rows.ts'
import { settings } from './settings.ts'

/** What docs/reference has of the server, by file name, made from the code as it is. */
export const serverPages = (): Record<string, string> => ({ 'server-configuration.md': configurationPage() })

const configurationPage = (): string => `<!-- Generated: node_modules/.bin/node docs/server/main.ts -->
# The server's configuration

\`/etc/joinery/server.yaml\` on the host of the pairing server. \`joinery-server init\` writes it; a key that is not here is refused at
start, with its line. Restart joinery-server after a change.

| key | value | without it |
|---|---|---|
${settings(ServerConfig)
  .map(({ key, value, otherwise }) => `| \`${key}\` | ${value} | ${otherwise} |`)
  .join('\n')}

## Budgets

What whoever reaches the agents' port may cause. None of it is a setting: machines with a live enrolment do not count as
strangers, so that a fleet behind one address needs no other numbers. Who is known comes before who is not.

| what | number | what happens to more |
|---|---|---|
${budgetRows(budgets)
  .map(({ what, number, more }) => `| ${what} | ${number} | ${more} |`)
  .join('\n')}

The unit \`joinery-server.service\` has \`MemoryMax=1G\`: 200 MB, and 80 KB for each connection. \`systemctl edit joinery-server\` may
raise it; a server that comes to it is started again.
`

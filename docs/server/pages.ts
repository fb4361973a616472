import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { budgets } from '@joinery/server/testing/base'
import { ServerConfig } from '@joinery/server/testing/config'
import { alertRulesPage } from './alert-rules-page.ts'
import { auditPage } from './audit-page.ts'
import { budgetRows } from './budget-rows.ts'
import { metricsPage } from './metrics-page.ts'
import { policyPage } from './policy-page.ts'
import { settings } from './settings.ts'

const rules = join(import.meta.dirname, '../../monitoring/joinery.rules.yml')

/** What docs/reference has of the server, by file name, made from the code as it is. */
export const serverPages = (): Record<string, string> => ({
  'alert-rules.md': alertRulesPage(readFileSync(rules, 'utf8')),
  'audit-log.md': auditPage(),
  'metrics.md': metricsPage(),
  'policy.md': policyPage(),
  'server-configuration.md': configurationPage()
})

const configurationPage = (): string => `<!-- Generated: node_modules/.bin/node docs/server/main.ts -->
# The server's configuration

This is the file \`/etc/joinery/server.yaml\` on the host of the pairing server. \`joinery-server init\` writes it. At its start the server
refuses a key that is not in this table, and names its line. Restart joinery-server after a change.

| key | value | without it |
|---|---|---|
${settings(ServerConfig)
  .map(({ key, value, otherwise }) => `| \`${key}\` | ${value} | ${otherwise} |`)
  .join('\n')}

## Budgets

This is what anybody who reaches the agents' port, or that for metrics, can cause at most. None of it is a setting. Machines with a live enrolment do not
count as strangers, so a fleet behind one address needs no other numbers. A known machine comes before a stranger.

| what | number | what happens to more |
|---|---|---|
${budgetRows(budgets)
  .map(({ what, number, more }) => `| ${what} | ${number} | ${more} |`)
  .join('\n')}

The unit \`joinery-server.service\` has \`MemoryMax=1G\`: 200 MB, 80 KB for each connection, and 4.5 MB for each package on
its way to a machine. Most of that is the kernel's: it keeps what a machine does not read. You can raise it with
\`systemctl edit joinery-server\`. systemd starts a server that reaches the limit again.
`

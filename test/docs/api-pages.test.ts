import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { agentRoutes, eventsRoute, operatorRoutes, problems } from '@joinery/protocol'
import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import { apiPages } from '../../docs/api/pages.ts'

const reference = join(import.meta.dirname, '../../docs/reference')

for (const [name, text] of Object.entries(apiPages())) {
  t.test(`docs/reference/${name} is as the code makes it`, async (t) => {
    t.equal(readFileSync(join(reference, name), 'utf8'), text, 'else run: node_modules/.bin/node docs/api/main.ts')
  })
  if (!name.endsWith('.json')) continue

  t.test(`docs/reference/${name} is OpenAPI 3.1`, async (t) => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate(JSON.parse(text))
    t.ok(valid, JSON.stringify(errors))
    t.equal(validator.version, '3.1')
  })
}

interface OpenApi {
  paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>>
  components: { schemas: Record<string, { description?: string }> }
}

for (const [name, routes] of Object.entries({
  'openapi-agents.json': agentRoutes,
  'openapi-operators.json': { ...operatorRoutes, events: eventsRoute }
})) {
  t.test(`${name} has every call, and every problem that it may answer`, async (t) => {
    const document: OpenApi = JSON.parse(apiPages()[name] ?? '')
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))
    t.same(operations.map(({ operationId }) => operationId).sort(), Object.keys(routes).sort())
    for (const { operationId, responses } of operations) {
      t.same(Object.keys(responses).slice(-2), ['4XX', '5XX'], operationId)
    }
    const { description = '' } = document.components.schemas.Problem ?? {}
    for (const [code, { status }] of Object.entries(problems)) t.match(description, `| \`${code}\` | ${status} |`, code)
  })
}

t.test('the validator refuses a document that is not OpenAPI', async (t) => {
  const document = JSON.parse(apiPages()['openapi-agents.json'] ?? '')
  t.notOk((await new Validator().validate({ ...document, paths: { 'no-slash': {} } })).valid)
})

t.test('the page of error codes has each code, with a remedy whose command there is', async (t) => {
  const page = apiPages()['problems.md'] ?? ''
  for (const code of Object.keys(problems)) t.match(page, `| \`${code}\` |`, code)
  const commands = ['cli.md', 'cli-agent.md', 'cli-server.md'].map((name) =>
    readFileSync(join(reference, name), 'utf8')
  )
  const named = [...page.matchAll(/`(joinery[a-z-]* (?:code )?[a-z-]+)/g)].map(([, command = '']) => command)
  t.ok(named.length > 10)
  for (const command of named)
    t.ok(
      commands.some((text) => text.includes(`\n### ${command}\n`)),
      command
    )
})

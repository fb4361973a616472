import { checksFor, controlPlaneChecks } from '@joinery/agent/testing/preflight'
import { whyRules } from '@joinery/agent/testing/why'
import { AgentStatus, PreflightReport, Why } from '@joinery/protocol'
import { schemaFile } from '../schema-file.ts'
import { notReadyPage } from './not-ready-page.ts'
import { preflightPage } from './preflight-page.ts'

/** What docs/reference has of the agent's commands, by file name, made from the code as it is. */
export const agentPages = (): Record<string, string> => ({
  'preflight.md': preflightPage(
    checksFor({ role: 'worker', ignore: [] }),
    controlPlaneChecks({ role: 'control-plane', ignore: [] })
  ),
  'preflight.schema.json': schemaFile('joinery-agent preflight -o json', PreflightReport),
  'not-ready.md': notReadyPage(whyRules),
  'agent-why.schema.json': schemaFile('joinery-agent why -o json', Why),
  'agent-status.schema.json': schemaFile('joinery-agent status -o json', AgentStatus)
})

import { AgentConfig } from '@joinery/agent/testing/program'
import { ServerConfig } from '@joinery/server/testing/config'
import { settings } from '../server/settings.ts'
import { withCommands } from './command-page.ts'
import { levelsPage, userPages } from './levels-page.ts'
import { configurationManPage, type ManPage, manPagesOfCommands, programManPage, type Release } from './man-page.ts'
import { programs } from './programs.ts'
import { referencePage } from './reference-page.ts'

/** What docs/reference has of the commands, by file name, made from the commands themselves. */
export const commandPages = (): Record<string, string> => {
  const { joinery, agent, server } = programs()
  return {
    'cli.md': referencePage(joinery),
    'cli-agent.md': referencePage(agent),
    'cli-server.md': referencePage(server),
    'levels.md': levelsPage({
      commands: [joinery, agent, server].map(({ page }) => withCommands(page)),
      keys: { 'server.yaml': settings(ServerConfig), 'agent.yaml': settings(AgentConfig) },
      pages: userPages()
    })
  }
}

/** The pages of the manual that each package brings. */
export const manPages = (release: Release): Record<'joinery' | 'agent' | 'server', ManPage[]> => {
  const { joinery, agent, server } = programs()
  const file = (part: 'agent' | 'server') => ({
    name: `joinery-${part}.yaml`,
    path: `/etc/joinery/${part}.yaml`,
    program: `joinery-${part}`
  })
  return {
    agent: [programManPage(agent, release), configurationManPage(file('agent'), settings(AgentConfig), release)],
    joinery: manPagesOfCommands(joinery, release),
    server: [programManPage(server, release), configurationManPage(file('server'), settings(ServerConfig), release)]
  }
}

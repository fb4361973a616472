export { agentProgram } from '../commands/agent-program.ts'
export { createContainer } from '../commands/container.ts'
export { configFile, runDirectory, stateDirectory } from '../commands/own-paths.ts'

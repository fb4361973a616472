export { defaultConfigFile, defaultStateDirectory, packagedAgentOf } from '../commands/paths.ts'
export { serverProgram } from '../commands/server-program.ts'

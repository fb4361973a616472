export { defaultConfigFile, defaultStateDirectory, packagedAgentOf } from '../commands/paths.ts'

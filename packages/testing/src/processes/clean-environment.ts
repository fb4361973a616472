/** This process's environment without what tap and pnpm put there for their own children. */
export const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(NODE_OPTIONS$|TAP|_TAPJS|npm_lifecycle|npm_command)/.test(name))
  )

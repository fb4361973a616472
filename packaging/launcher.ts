/** The command that runs `<lib>/<program>.mjs` with the Node beside it. */
export const launcher = (lib: string, program: string, nodeOptions: readonly string[]): string => `#!/bin/sh
# Nothing of the caller's environment may put code, trust or key logs into a process that holds secrets.
unset NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS NODE_TLS_REJECT_UNAUTHORIZED NODE_DEBUG NODE_DEBUG_NATIVE \\
  NODE_V8_COVERAGE OPENSSL_CONF SSLKEYLOGFILE LD_PRELOAD LD_LIBRARY_PATH
# --disable-sigusr1: that signal would open a debugger's port to every local user.
exec ${[`${lib}/node`, '--disable-sigusr1', ...nodeOptions, `${lib}/${program}.mjs`].join(' ')} "$@"
`

/**
 * The command that runs `<lib>/<program>.mjs` with the Node beside it. `lib`: a folder, or a word for the shell that `finds` sets.
 */
export const launcher = (lib: string, program: string, nodeOptions: readonly string[], finds = ''): string => `#!/bin/sh
# Nothing of the caller's environment may put code, trust or key logs into a process that holds secrets.
unset NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS NODE_USE_SYSTEM_CA NODE_TLS_REJECT_UNAUTHORIZED NODE_USE_ENV_PROXY \\
  NODE_DEBUG NODE_DEBUG_NATIVE NODE_V8_COVERAGE NODE_COMPILE_CACHE NODE_ICU_DATA NODE_REDIRECT_WARNINGS \\
  NODE_CHANNEL_FD NODE_UNIQUE_ID NODE_TEST_CONTEXT \\
  OPENSSL_CONF OPENSSL_CONF_INCLUDE OPENSSL_MODULES OPENSSL_ENGINES OPENSSL_TRACE \\
  SSL_CERT_FILE SSL_CERT_DIR SSLKEYLOGFILE QLOGDIR \\
  LD_PRELOAD LD_AUDIT LD_LIBRARY_PATH LD_DEBUG LD_DEBUG_OUTPUT LD_PROFILE LD_PROFILE_OUTPUT GCONV_PATH LOCPATH
${finds}# --disable-sigusr1: that signal would open a debugger's port to every local user.
exec ${[`"${lib}/node"`, '--disable-sigusr1', ...nodeOptions, `"${lib}/${program}.mjs"`].join(' ')} "$@"
`

/** The same for a folder that lies anywhere: `bin/<program>`, and whatever links to it, finds `lib/<program>` beside its own folder. */
export const movableLauncher = (program: string): string =>
  launcher('$lib', program, [], `lib=$(dirname -- "$(readlink -f -- "$0")")/../lib/${program}\n`)

/** The API between the page and its server. The server half lives in the command, beside the client of both doors. */
export * from '@joinery/cli/console'

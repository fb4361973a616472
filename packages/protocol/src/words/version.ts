declare const JOINERY_VERSION: string | undefined

/** The release this program was built as. `dev` if it runs from source. */
export const version = typeof JOINERY_VERSION === 'undefined' ? 'dev' : JOINERY_VERSION

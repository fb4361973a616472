/** Words by which tokens begin that say whose they are, as gitleaks and secretlint know them. */
const prefixes: readonly string[] = [
  // where programs and their sources lie
  ...[
    'gh[a-z]_',
    'github_pat_',
    'gl(?:pat|oas|dt|rt|cbt|ptt|ft|imt|agent|soat|ffct)-',
    'GR1348941',
    'ATATT',
    'ATCTT',
    'ATBB'
  ],
  ...[
    'npm_(?!config)',
    'pypi-',
    'rubygems_',
    'CLOJARS_',
    'oy2',
    'AKCp',
    'CCIPAT_',
    'sgp_',
    'sq[apu]_',
    'sntry[su]_',
    'dckr_[a-z]{3}_'
  ],
  // clouds, and what is run in them
  ...[
    'do[opr]_v1_',
    'hv[sbr]\\.',
    'sha256~',
    'tskey-[a-z]+-',
    'vc[pikar]_',
    'HRKU-AA',
    'f(?:m2|o1)_',
    'pul-',
    'pnu_',
    'LTAI'
  ],
  ...[
    'dp\\.(?:pt|ct|st|sa|scim|audit)\\.',
    'dt0[a-z]\\d\\d\\.',
    'NR(?:AK|II|JS)-',
    'glsa_',
    'glc_',
    'pscale_[a-z]+_',
    'AQVN',
    'ABSK'
  ],
  ...['GOCSPX-', 'ya29\\.', 'AIza', 'ops_ey', 'PMAK-', 'rdme_', 'tfp_', 'ntn_', 'lin_api_', 'figd_'],
  // what costs money, writes to people, or thinks
  ...[
    'sk[_-](?:live|test|proj|ant|or)?[_-]?',
    'rk_(?:live|test)_',
    'whsec_',
    'sq0[a-z]{3}-',
    'EZ[AT]K',
    'shippo_(?:live|test)_'
  ],
  ...['shp[a-z]{2}_', 'xox[a-z]-', 'xoxe\\.xox[bp]-', 'xapp-', 'SG\\.', 'xkeysib-', 'EAA', 'hf_', 'gsk_', 'pplx-']
]

/** Programs with a flag of one letter behind which a password stands. */
const shortFlags: readonly RegExp[] = [
  ['mongo(?:sh|dump|restore|export|import|stat|top)?', 'p\\s+'],
  ['(?:docker|podman|nerdctl|buildah|skopeo|helm|oras|crane|oc|az|argocd)\\b[^\\n"]{0,100}?\\blogin', 'p[ =]?'],
  ['redis-cli', 'a\\s+'],
  ['sqlcmd', 'P\\s*'],
  ['ldap[a-z]{3,9}', 'w\\s*'],
  ['sshpass', 'p\\s*'],
  ['(?:mysql\\w*|mariadb[\\w-]*)', 'p']
].map(
  ([program, flag]) =>
    new RegExp(`(\\b${program}\\b[^\\n"]{0,200}?\\s-${flag})(?:'[^'\\n]*'|"[^"\\n]*"|[^\\s"'<-][^\\s"'<]*)`, 'g')
)

/** Text that is a secret by its own looks, with what stands in its place. */
export const shapes: readonly (readonly [RegExp, string])[] = [
  // a private key; without an end, all that follows, but not beyond the text of a document that quotes it
  [
    /-----BEGIN [^-\n]*PRIVATE KEY(?: BLOCK)?-----(?:[^"]*?-----END [^-\n]*PRIVATE KEY(?: BLOCK)?-----|[^"]*)/g,
    '<secret>'
  ],
  // the same of PuTTY
  [/PuTTY-User-Key-File-\d:(?:[^"]*?Private-MAC: *\w*|[^"]*)/g, '<secret>'],
  // the part of a URL that names a user
  [/(\/\/)(?!<secret>@)[^\s/?#"'<>\\`]+@(?=[\w.[-])/g, '$1<secret>@'],
  // the same, with a password that has characters which a URL does not take
  [/(:\/\/)[\w.+-]{1,128}:[^\s"'<>\\`@]{1,128}@(?=[\w.-]+(?::\d+)?(?:[/?\s"']|$))/g, '$1<secret>@'],
  // a JSON web token, and whatever else is JSON in base64
  [/(?<![A-Za-z0-9])eyJ[\w+/-]{6,}=*(?:\.[\w-]*)*/g, '<secret>'],
  [/\bjny_[0-9A-Za-z]+/g, 'jny_<secret>'],
  // a bootstrap token; its id is public
  [/(?<![a-z0-9])([a-z0-9]{6})\.[a-z0-9]{16}(?![a-z0-9])/g, '$1.<secret>'],
  // tokens that say whose they are
  [new RegExp(`(?<![A-Za-z0-9])(?:${prefixes.join('|')})(?=[\\w.-]{0,40}[0-9A-Z])[\\w.=-]{16,}`, 'g'), '<secret>'],
  [/(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AROA)[A-Z0-9]{16}(?![A-Z0-9])/g, '<secret>'],
  [/(?<![A-Za-z0-9])(?:SK|key-)[0-9a-f]{32}(?![A-Za-z0-9])/g, '<secret>'],
  [/(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{31,34}/g, '<secret>'],
  [/(?<![\w.-])s\.[A-Za-z0-9]{24}(?![\w.-])/g, '<secret>'],
  [/(?<![A-Za-z0-9])[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,}/g, '<secret>'],
  [/(?<![A-Za-z0-9])A3-[0-9A-Z]{6}(?:-[0-9A-Z]{5,11}){3,5}(?![0-9A-Z])/g, '<secret>'],
  [/(?<![\w/:])1\/\/0[\w-]{30,}/g, '<secret>'],
  [/AGE-SECRET-KEY-1[0-9A-Z]+/gi, '<secret>'],
  [/(?<![A-Za-z0-9])(?:dapi|dkea|dsapi)[0-9a-f]{32}\b/g, '<secret>'],
  [/\bK10[0-9a-f]{32,}::\S+/g, '<secret>'],
  [/\bbot\d{6,}:[\w-]{20,}/g, '<secret>'],
  // addresses at which whoever knows them may write
  [
    /(https:\/\/(?:hooks\.slack\.com|(?:\w+\.)?discord(?:app)?\.com\/api\/webhooks|[\w.-]+\.webhook\.office\.com|hooks\.zapier\.com|maker\.ifttt\.com|outlook\.office\.com\/webhook))\/[^\s"'<>]+/gi,
    '$1/<secret>'
  ],
  [/(?<![\w.-])[\w.-]{1,128}:[^\s@"'/]{1,128}@(?=(?:tcp|unix)\()/gi, '<secret>@'],
  [
    /((?:^|\s)(?:-u|--user|--proxy-user|-U|--(?:src-|dest-)?creds)(?:[ =]|["'],\s*)["']?)(?!\d+:\d+\b)[^\s"':<]+:[^\s"']+/g,
    '$1<secret>'
  ],
  ...shortFlags.map((flag): [RegExp, string] => [flag, '$1<secret>']),
  [/(\blogin\s+\S+\s+password\s+)\S+/gi, '$1<secret>'],
  [/(\bidentified\s+(?:with\s+\S+\s+)?by\s+(?:password\s+)?)(?:'[^']*'|"[^"]*")/gi, '$1<secret>'],
  [/(\b(?:password|passphrase|passwd|pass|psk)\s+(?:is\s+|was\s+|to\s+)?)(?:'[^'\n]+'|"[^"\n]+")/gi, '$1<secret>'],
  // the same in a file of settings, if it looks made by chance
  [
    /(\b(?:(?:\w{1,32}-)?password|passphrase|passwd|requirepass|masterauth|\w{1,32}_pass)[ \t]+)(?=[^\s\d]{0,64}\d)(?=[^\sA-Za-z]{0,64}[A-Za-z])[^\s"'`<>/:;,(){}[\]]{6,}(?=[\s;,"'`]|$)/gi,
    '$1<secret>'
  ],
  // ipsec.secrets
  [/(\s:\s+(?:PSK|EAP|XAUTH|NTLM|PIN)\s+)(?:"[^"\n]+"|\S+)/g, '$1<secret>'],
  [
    /(\bcurl\b[^\n]{0,200}?\s(?:-u(?=[^\s:"']{1,64}:)|(?:-b|--cookie)[ =]?["']?(?=[^\s=]{1,64}=)))[^\s"']+/g,
    '$1<secret>'
  ],
  [/(--from-literal(?:=|\s+)["']?[\w.-]+=)(?:'[^'\n]*'|"[^"\n]*"|[^\s"']+)/g, '$1<secret>'],
  [/(\bjdbc:oracle:\w+:)[^\s/@]{1,128}\/[^\s@]{1,128}@/g, '$1<secret>@'],
  // a hash of a password, as crypt(5) has it: whoever has it tries words
  [/\$(?:[156y]|2[abxy]|apr1|argon2[a-z]{1,2}|scrypt)\$[\w./$,=+-]{20,}/g, '<secret>'],
  // an element of XML
  [/(<([\w:.-]*(?:password|passwd|secret|token|key|credentials?))>)[^<\n]+(?=<\/\2>)/gi, '$1<secret>'],
  [/(\bname=["'][\w.-]*(?:password|passwd|secret|token)["'][^<>\n]{0,100}>)[^<\n]+(?=<\/)/gi, '$1<secret>'],
  // a statement of BIND and its like
  [/(\bsecret\s+)"[^"\n]+"(?=;)/g, '$1"<secret>"'],
  // the key of an algorithm of IPsec, as ip xfrm and Cilium write it
  [
    /((?<![a-z0-9-])[a-z0-9-]{1,32}\([a-z0-9-]{1,32}(?:\([a-z0-9-]{1,32}\))?\)\s+["']?)(?:0x)?[0-9a-f]{32,}/gi,
    '$1<secret>'
  ],
  [/\b0x[0-9a-f]{32,}\b/gi, '<secret>'],
  // a scheme of HTTP with what proves who asks
  [
    /\b(Bearer|Basic|Digest|Negotiate|NTLM|ApiKey|AWS4-HMAC-SHA256) +(?!realm=)(?=[^\s"',;]*[\d=]|[^\s"',;]{20})[\w.~+/=-]{6,}/gi,
    '$1 <secret>'
  ],
  // values in the query of a URL that open what it names
  [/([?&](?:sig|signature|code|key|k|sas|st|auth|access|pass|pwd|jwt|state|ticket)=)[^\s&#"'<>]+/gi, '$1<secret>']
]

/** A line of nothing but base64. */
const lines = /^([ \t]*)([A-Za-z0-9+/]{6,}={0,2})(?=[ \t\r]*$)/gm

/** Letters and digits that go on too long for a word. */
const long = /(?<![A-Za-z0-9+/_.@-])[A-Za-z0-9+/_-]{40,}={0,2}(?![A-Za-z0-9+/_-])/g

/** The text without what only looks made by chance: lines of a key, and long keys within a line. */
export const withoutNoise = (text: string): string =>
  text
    .replace(lines, (line, indent: string, said: string) => (isOfKey(said) ? `${indent}<secret>` : line))
    .replace(long, (run, at: number, whole: string) => (isNoise(run) && !isPublic(whole, at) ? '<secret>' : run))

/** True if nobody writes such a line for a person to read: it is long, mixed, or padded, and no path. */
const isOfKey = (said: string): boolean => {
  if (said.endsWith('=')) return true
  const isMixed = /[a-z]/.test(said) && /[A-Z]/.test(said)
  if (said.startsWith('/') && !isMixed) return false
  return said.length >= 40 ? isMixed || /\d/.test(said) : said.length >= 16 && isMixed && /\d/.test(said)
}

/** True if one part of it, between what paths and names are separated by, has more of each kind than a word. */
const isNoise = (run: string): boolean =>
  run
    .split(/[/_-]/)
    .some(
      (part) => part.length >= 20 && count(part, /[a-z]/g) > 2 && count(part, /[A-Z]/g) > 2 && count(part, /\d/g) > 1
    )

const count = (text: string, kind: RegExp): number => text.match(kind)?.length ?? 0

/** True if what stands before says that everybody may read it: a digest, or a public key. */
const isPublic = (text: string, at: number): boolean =>
  /(?:sha\d+[:/-]|pub(?:lic)?[ _-]?key\W{1,4}|peer\W{1,3}|ssh-\w+ )$/i.test(text.slice(Math.max(0, at - 24), at))

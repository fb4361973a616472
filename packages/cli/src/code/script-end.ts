/**
 * End of a script of this name, which tries once. It needs the modules os, sys and time of Python. Its unit tries again 10 s later. systemd 252
 * of Debian 12 knows no other pauses, so the script waits before it ends: longer, the longer this machine has tried, up to a minute in all.
 */
export const scriptEnd = (name: string): string => `try:
    install(sys.argv[1])
except (OSError, ValueError, http.client.HTTPException, subprocess.CalledProcessError) as error:
    print(f'${name}: not installed: {error}', file=sys.stderr, flush=True)
    # nobody waits who runs it by hand
    if 'INVOCATION_ID' in os.environ:
        time.sleep(min(time.monotonic() / 10, 50))
    sys.exit(1)
`

// Commands of the simulated guest that must not be the machine's own: they freeze and thaw the guest's file systems, which
// are marks in its folder.
const fsfreeze = `#!/bin/sh
# Freezes or thaws one mount point of the simulated guest. Only the words that util-linux and busybox both know.
action= ; where=
for word; do
  case $word in
    --freeze) action=freeze ;;
    --unfreeze) action=thaw ;;
    -*) echo "fsfreeze: invalid option $word" >&2; exit 1 ;;
    *) where=\${word#"$FAKE_GUEST"} ;;
  esac
done
name=$(printf '%s' "$where" | sed 's,%,%25,g; s,/,%2F,g; s, ,%20,g')
[ -e "$FAKE_GUEST/mounts/$name" ] || { echo "fsfreeze: $where: not a mount point" >&2; exit 1; }
case $action in
  freeze) (set -C; : > "$FAKE_GUEST/frozen/$name") 2>/dev/null || { echo "fsfreeze: $where: freeze failed: Device or resource busy" >&2; exit 1; } ;;
  thaw) rm "$FAKE_GUEST/frozen/$name" 2>/dev/null || { echo "fsfreeze: $where: unfreeze failed: Invalid argument" >&2; exit 1; } ;;
  *) echo "fsfreeze: neither --freeze or --unfreeze specified" >&2; exit 1 ;;
esac
`

const poweroff = `#!/bin/sh
: > "$FAKE_GUEST/run/.poweroff"
`

export const stubs: Readonly<Record<string, string>> = { fsfreeze, poweroff }

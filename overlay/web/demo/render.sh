#!/bin/sh
# Draws the pictures of the demo's products from source/*.svg: 480 x 480 WebP, under 25 KB.
# Needs chromium and ffmpeg; run by hand after a drawing has changed.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for drawing in source/*.svg; do
    name=$(basename "$drawing" .svg)
    printf '<style>*{margin:0}svg{display:block;width:480px;height:480px}</style>' >"$work/$name.html"
    cat "$drawing" >>"$work/$name.html"
    chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=480,480 \
        --screenshot="$work/$name.png" "file://$work/$name.html" >/dev/null 2>&1
    ffmpeg -v error -y -i "$work/$name.png" -c:v libwebp -quality 82 "$name.webp"
done
ls -l ./*.webp

# The picture in front of which the demo's show plays: 720 x 1280.
printf '<style>*{margin:0}svg{display:block;width:720px;height:1280px}</style>' >"$work/scene.html"
cat scene.svg >>"$work/scene.html"
chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=720,1280 \
    --screenshot="$work/scene.png" "file://$work/scene.html" >/dev/null 2>&1
ffmpeg -v error -y -i "$work/scene.png" -q:v 3 scene.jpg

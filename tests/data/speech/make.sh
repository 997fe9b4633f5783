#!/bin/sh
# Makes the spoken sentences of this folder with flite (Debian: apt-get install flite), 16 kHz mono.
set -eu
cd "$(dirname "$0")"
say() { flite -voice "$2" -t "$3" -o "$1.wav"; }
say name-age rms "my name is jason and i am twenty years old"
say meeting awb "the meeting is on monday at ten"
say coffees rms "i paid twelve dollars for two coffees"
say phone rms "her phone number is five five five zero one two three"
say total awb "the total is forty two dollars and fifty cents"
say three-sentences rms "My name is Peter. I am thirty four years old. I live in London."
say maria slt "the customer is called maria and she lives in london"

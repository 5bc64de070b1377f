"""Kits for game engines: the same music as Wwise, FMOD, Unreal, Unity and Godot want it told.

``music`` turns a session into what all of them share; each engine has a module of its own.
"""

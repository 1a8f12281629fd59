using System.Globalization;
using System.Text.Json;

namespace Pulp.Core.Platform.Json;

/// <summary>Reads the text of a <see cref="JqFilter"/>.</summary>
internal sealed class JqParser(string text)
{
    private int _at;

    public IReadOnlyList<JqStep> Read()
    {
        var steps = new List<JqStep>();
        do
        {
            ReadTerm(steps);
            SkipBlanks();
        } while (Take('|'));
        return _at == text.Length ? steps : throw Unknown();
    }

    private void ReadTerm(List<JqStep> steps)
    {
        SkipBlanks();
        if (Name() is { } function)
        {
            steps.Add(function == "tostring" ? new JqStep.AsText() : throw Unknown());
            return;
        }

        if (!Take('.'))
        {
            throw Unknown();
        }

        // Right behind the first dot a name may stand; further ones have a dot of their own.
        if (MemberName() is { } first)
        {
            Add(steps, new JqStep.Member(first));
        }

        while (true)
        {
            if (Take('['))
            {
                Add(steps, Bracket());
            }
            else if (Take('.'))
            {
                Add(steps, Take('[') ? Bracket() : new JqStep.Member(MemberName() ?? throw Unknown()));
            }
            else
            {
                return;
            }
        }
    }

    private void Add(List<JqStep> steps, JqStep step) => steps.Add(Take('?') ? new JqStep.Optional(step) : step);

    private JqStep Bracket()
    {
        SkipBlanks();
        JqStep step =
            Peek() == ']' ? new JqStep.Each()
            : Quoted() is { } name ? new JqStep.Member(name)
            : new JqStep.Element(Number());
        SkipBlanks();
        return Take(']') ? step : throw Unknown();
    }

    private string? MemberName() => Quoted() ?? Name();

    private string? Name()
    {
        var start = _at;
        while (Peek() is var c && (char.IsAsciiLetter(c) || c == '_' || (_at > start && char.IsAsciiDigit(c))))
        {
            _at++;
        }

        return _at == start ? null : text[start.._at];
    }

    /// <summary>A text in quotes, as JSON has them. jq's own <c>\( )</c> is none of JSON's escapes, and refused as such.</summary>
    private string? Quoted()
    {
        if (Peek() != '"')
        {
            return null;
        }

        var start = _at++;
        while (Peek() is not ('"' or '\0'))
        {
            _at += Peek() == '\\' ? 2 : 1;
        }

        try
        {
            return Take('"') ? JsonSerializer.Deserialize<string>(text[start.._at]) : throw Unknown();
        }
        catch (JsonException)
        {
            throw Unknown();
        }
    }

    private int Number()
    {
        var start = _at;
        Take('-');
        while (char.IsAsciiDigit(Peek()))
        {
            _at++;
        }

        return int.TryParse(text[start.._at], CultureInfo.InvariantCulture, out var number) ? number : throw Unknown();
    }

    private void SkipBlanks()
    {
        while (Peek() is ' ' or '\t' or '\n' or '\r')
        {
            _at++;
        }
    }

    private char Peek() => _at < text.Length ? text[_at] : '\0';

    private bool Take(char wanted)
    {
        var there = Peek() == wanted && _at < text.Length;
        _at += there ? 1 : 0;
        return there;
    }

    private FormatException Unknown() =>
        new(
            $"This filter isn't understood from character {Math.Min(_at, text.Length) + 1} on. Paths such as .a.b[0], pipes and 'tostring' are."
        );
}
